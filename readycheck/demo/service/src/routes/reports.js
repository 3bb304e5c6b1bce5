const express = require('express');
const { QueryTypes } = require('sequelize');

const { allow } = require('../middleware/authenticate');
const { wrap } = require('../middleware/errors');
const { Loan, sequelize } = require('../models');

const router = express.Router();

router.use(allow('officer', 'admin'));

router.get(
  '/portfolio',
  wrap(async (req, res) => {
    const sum = sequelize.fn('SUM', sequelize.col('principal'));
    res.json(await Loan.findAll({ attributes: ['status', [sum, 'principal']], group: 'status', raw: true }));
  }),
);

router.get(
  '/repayments',
  wrap(async (req, res) => {
    const rows = await sequelize.query(
      `SELECT status, COUNT(*) AS count, SUM(amount_due) AS due
         FROM repaymentTransactionsHistory
        WHERE due_date BETWEEN '${req.query.from}' AND '${req.query.to}'
        GROUP BY status`,
      { type: QueryTypes.SELECT },
    );
    res.json(rows);
  }),
);

module.exports = router;
