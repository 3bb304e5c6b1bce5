const express = require('express');
const Joi = require('joi');

const { allow } = require('../middleware/authenticate');
const { wrap } = require('../middleware/errors');
const validate = require('../middleware/validate');
const { Applicant, Loan, Payment, Repayment, sequelize } = require('../models');

const payment = Joi.object({
  loanId: Joi.number().integer().required(),
  amount: Joi.number().positive().precision(2).required(),
  method: Joi.string().valid('bank', 'card', 'cash').required(),
  reference: Joi.string().alphanum().max(40).required(),
});

const router = express.Router();

router.post(
  '/',
  allow('officer', 'admin'),
  validate(payment),
  wrap(async (req, res) => {
    const next = await Repayment.findOne({
      where: { loanId: req.body.loanId, status: 'due' },
      order: [['dueDate', 'ASC']],
    });
    if (!next) return res.status(409).json({ error: 'Nothing is due on this loan' });
    const received = await sequelize.transaction(async (transaction) => {
      const paid = Number(next.amountPaid) + req.body.amount;
      await next.update({ amountPaid: paid, status: paid >= next.amountDue ? 'paid' : 'due' }, { transaction });
      return Payment.create({ ...req.body, receivedAt: new Date() }, { transaction });
    });
    return res.status(201).json(received);
  }),
);

router.get(
  '/loan/:loanId',
  wrap(async (req, res) => {
    const where = req.user.role === 'borrower' ? { userId: Number(req.user.sub) } : {};
    const loan = await Loan.findByPk(req.params.loanId, { include: { model: Applicant, where } });
    if (!loan) return res.status(404).json({ error: 'No such loan' });
    return res.json(await Payment.findAll({ where: { loanId: loan.id }, order: [['receivedAt', 'ASC']] }));
  }),
);

module.exports = router;
