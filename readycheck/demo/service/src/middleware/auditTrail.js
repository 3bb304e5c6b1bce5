const logger = require('../services/logger');
const { AuditLog } = require('../models');

// Every change that somebody asks for is written down, whether or not it was granted.
module.exports = function auditTrail(req, res, next) {
  if (req.method === 'GET' || req.method === 'HEAD') return next();
  const path = req.originalUrl.split('?')[0].slice(0, 200);
  res.on('finish', () => {
    AuditLog.create({
      userId: Number(req.user.sub),
      method: req.method,
      path,
      status: res.statusCode,
      ip: req.ip,
    }).catch((error) => logger.error('audit entry lost', { reason: error.message }));
  });
  return next();
};
