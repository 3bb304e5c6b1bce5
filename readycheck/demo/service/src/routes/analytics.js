const express = require('express');
const { col, fn } = require('sequelize');

const { allow } = require('../middleware/authenticate');
const { wrap } = require('../middleware/errors');
const { Applicant } = require('../models');

const router = express.Router();

router.get(
  '/dashboard',
  allow('officer', 'admin'),
  wrap(async (req, res) => {
    const applicants = await Applicant.findAll({
      attributes: ['businessType', [fn('COUNT', col('id')), 'count']],
      group: 'businessType',
      raw: true,
    });
    res.json({ applicants });
  }),
);

module.exports = router;
