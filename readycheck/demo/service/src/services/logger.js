const winston = require('winston');

const config = require('../config');

const transports = [new winston.transports.Console()];
if (config.environment === 'production') {
  transports.push(new winston.transports.File({ filename: 'logs/error.log', level: 'error' }));
  transports.push(new winston.transports.File({ filename: 'logs/combined.log' }));
}

module.exports = winston.createLogger({
  level: config.logLevel,
  format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
  defaultMeta: { service: 'loan-service' },
  transports,
});
