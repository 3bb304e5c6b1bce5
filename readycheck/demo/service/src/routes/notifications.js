const express = require('express');
const Joi = require('joi');

const { allow } = require('../middleware/authenticate');
const { wrap } = require('../middleware/errors');
const validate = require('../middleware/validate');
const { sendReminders } = require('../services/reminders');

const router = express.Router();

router.post(
  '/reminders',
  allow('officer', 'admin'),
  validate(Joi.object({})),
  wrap(async (req, res) => {
    res.status(202).json({ sent: await sendReminders() });
  }),
);

module.exports = router;
