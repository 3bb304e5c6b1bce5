const config = require('../config');

// The load balancer asks for the health of a container directly, without TLS.
const DIRECT = new Set(['/api/v1/health', '/metrics']);

module.exports = function enforceHttps(req, res, next) {
  if (!config.enforceHttps || req.secure || DIRECT.has(req.path)) return next();
  return res.redirect(301, `https://${req.get('host')}${req.originalUrl}`);
};
