const logger = require('../services/logger');

module.exports = function requestLog(req, res, next) {
  const started = process.hrtime.bigint();
  const path = req.originalUrl.split('?')[0];
  res.on('finish', () => {
    const milliseconds = Number(process.hrtime.bigint() - started) / 1e6;
    logger.info('request', { method: req.method, path, status: res.statusCode, milliseconds });
  });
  return next();
};
