const logger = require('./logger');
const mail = require('./mail');

async function sendAlert(subject, details) {
  logger.warn('alert', { subject, details });
  await mail.send('oncall@minibusinessloan.com', `[alert] ${subject}`, details);
}

module.exports = { sendAlert };
