const { Op } = require('sequelize');

const logger = require('./logger');
const mail = require('./mail');
const { Applicant, Loan, Repayment, User } = require('../models');

const DAY = 24 * 60 * 60 * 1000;

// Writes to everybody whose repayment is due within three days; answers how many that were.
async function sendReminders(today = new Date()) {
  const until = new Date(today.getTime() + 3 * DAY);
  const due = await Repayment.findAll({ where: { status: 'due', dueDate: { [Op.between]: [today, until] } } });
  for (const repayment of due) {
    const loan = await Loan.findByPk(repayment.loanId);
    const applicant = await Applicant.findByPk(loan.applicantId);
    const user = await User.findByPk(applicant.userId);
    const text = `${repayment.amountDue} is due on ${repayment.dueDate}. Thank you!`;
    await mail.send(user.email, 'A repayment is due', text);
  }
  logger.info('reminders sent', { count: due.length });
  return due.length;
}

module.exports = { sendReminders };
