const express = require('express');
const Joi = require('joi');

const { allow } = require('../middleware/authenticate');
const { wrap } = require('../middleware/errors');
const validate = require('../middleware/validate');
const { Applicant, Consent, Loan, User } = require('../models');

const profile = Joi.object({
  email: Joi.string().email(),
  fullName: Joi.string().trim().min(2).max(120),
}).min(1);
const consent = Joi.object({ purpose: Joi.string().max(40).required(), version: Joi.string().max(20).required() });
const nothing = Joi.object({});
const shown = ['id', 'mobile', 'email', 'fullName', 'role'];

const router = express.Router();

router.get(
  '/',
  allow('admin'),
  wrap(async (req, res) => {
    res.json(await User.findAll({ attributes: shown, limit: 100 }));
  }),
);

router.get(
  '/me',
  wrap(async (req, res) => {
    res.json(await User.findByPk(req.user.sub, { attributes: shown }));
  }),
);

router.patch(
  '/me',
  validate(profile),
  wrap(async (req, res) => {
    await User.update(req.body, { where: { id: req.user.sub } });
    res.status(204).end();
  }),
);

router.get(
  '/me/export',
  wrap(async (req, res) => {
    const user = await User.findByPk(req.user.sub, {
      attributes: shown,
      include: [{ model: Applicant, include: Loan }, Consent],
    });
    res.attachment('my-data.json').json(user);
  }),
);

router.delete(
  '/me',
  validate(nothing),
  wrap(async (req, res) => {
    await User.update({ erasedAt: new Date() }, { where: { id: req.user.sub } });
    res.status(202).json({ erased: 'within 30 days' });
  }),
);

router.post(
  '/me/consents',
  validate(consent),
  wrap(async (req, res) => {
    const { purpose, version } = req.body;
    const given = await Consent.create({ userId: Number(req.user.sub), purpose, version, givenAt: new Date() });
    res.status(201).json(given);
  }),
);

module.exports = router;
