const express = require('express');
const Joi = require('joi');

const { allow } = require('../middleware/authenticate');
const { wrap } = require('../middleware/errors');
const responseCache = require('../middleware/responseCache');
const validate = require('../middleware/validate');
const { Applicant, Loan, Repayment, sequelize } = require('../models');
const { schedule } = require('../services/schedule');

const application = Joi.object({
  businessName: Joi.string().trim().max(120).required(),
  businessType: Joi.string().valid('retail', 'food', 'craft', 'transport', 'services').required(),
  monthlyTurnover: Joi.number().positive().required(),
  principal: Joi.number().min(500).max(50000).required(),
  termMonths: Joi.number().integer().min(3).max(36).required(),
});
const decision = Joi.object({ status: Joi.string().valid('approved', 'rejected').required() });
const nothing = Joi.object({});

const router = express.Router();

function own(req) {
  return req.user.role === 'borrower' ? { userId: Number(req.user.sub) } : {};
}

function find(req) {
  return Loan.findByPk(req.params.id, { include: { model: Applicant, where: own(req) } });
}

router.get(
  '/',
  responseCache,
  wrap(async (req, res) => {
    res.json(await Loan.findAll({ include: { model: Applicant, where: own(req) }, limit: 100 }));
  }),
);

router.get(
  '/:id',
  wrap(async (req, res) => {
    const loan = await find(req);
    return loan ? res.json(loan) : res.status(404).json({ error: 'No such loan' });
  }),
);

router.post(
  '/',
  validate(application),
  wrap(async (req, res) => {
    const { principal, termMonths, ...business } = req.body;
    const loan = await sequelize.transaction(async (transaction) => {
      const applicant = await Applicant.create({ ...business, userId: Number(req.user.sub) }, { transaction });
      return Loan.create({ applicantId: applicant.id, principal, termMonths, annualRate: 14.5 }, { transaction });
    });
    res.status(201).json(loan);
  }),
);

router.post(
  '/:id/decision',
  allow('officer', 'admin'),
  validate(decision),
  wrap(async (req, res) => {
    const loan = await find(req);
    if (!loan || loan.status !== 'applied') return res.status(409).json({ error: 'Nothing to decide' });
    await loan.update({ status: req.body.status });
    await loan.Applicant.update({ status: req.body.status });
    return res.json(loan);
  }),
);

router.post(
  '/:id/disbursement',
  allow('officer', 'admin'),
  validate(nothing),
  wrap(async (req, res) => {
    const loan = await find(req);
    if (!loan || loan.status !== 'approved') return res.status(409).json({ error: 'Not approved' });
    const start = new Date();
    const instalments = schedule(loan, start).map((entry) => ({ ...entry, loanId: loan.id }));
    await sequelize.transaction(async (transaction) => {
      await Repayment.bulkCreate(instalments, { transaction });
      await loan.update({ status: 'active', disbursedAt: start }, { transaction });
    });
    return res.json({ id: loan.id, instalments: instalments.length });
  }),
);

module.exports = router;
