const bcrypt = require('bcryptjs');
const express = require('express');
const Joi = require('joi');

const { issueToken } = require('../middleware/authenticate');
const { wrap } = require('../middleware/errors');
const validate = require('../middleware/validate');
const { Consent, User } = require('../models');
const { encrypt } = require('../services/encryption');

const mobile = Joi.string().pattern(/^\+?\d{10,14}$/);

const registration = Joi.object({
  mobile: mobile.required(),
  email: Joi.string().email().required(),
  fullName: Joi.string().trim().min(2).max(120).required(),
  password: Joi.string().min(12).max(72).required(),
  pan: Joi.string().uppercase().length(10).alphanum().required(),
  privacyVersion: Joi.string().max(20).required(),
});
const login = Joi.object({ mobile: mobile.required(), password: Joi.string().max(72).required() });

const router = express.Router();

router.post(
  '/register',
  validate(registration),
  wrap(async (req, res) => {
    const { password, pan, privacyVersion, ...profile } = req.body;
    const passwordHash = await bcrypt.hash(password, 12);
    const user = await User.create({ ...profile, passwordHash, panEncrypted: encrypt(pan) });
    await Consent.create({ userId: user.id, purpose: 'privacy', version: privacyVersion, givenAt: new Date() });
    res.status(201).json({ id: user.id });
  }),
);

router.post(
  '/login',
  validate(login),
  wrap(async (req, res) => {
    const user = await User.findOne({ where: { mobile: req.body.mobile, erasedAt: null } });
    const known = user && (await bcrypt.compare(req.body.password, user.passwordHash));
    if (!known) return res.status(401).json({ error: 'Unknown mobile number or password' });
    return res.json({ token: issueToken(user) });
  }),
);

module.exports = router;
