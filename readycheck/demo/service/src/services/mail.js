const nodemailer = require('nodemailer');

const config = require('../config');
const logger = require('./logger');

const relay = nodemailer.createTransport(process.env.SMTP_URL || 'smtp://localhost:1025');

async function send(to, subject, text) {
  if (!config.sendMail) return logger.debug('mail not sent', { subject });
  return relay.sendMail({ from: process.env.MAIL_FROM, to, subject, text });
}

module.exports = { send };
