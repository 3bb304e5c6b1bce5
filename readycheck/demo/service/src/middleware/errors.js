const logger = require('../services/logger');

function notFound(req, res, next) {
  const error = new Error(`Nothing at ${req.path}`);
  error.status = 404;
  next(error);
}

// Express knows an error handler by its four parameters.
// eslint-disable-next-line no-unused-vars
function handleError(error, req, res, next) {
  const status = error.status || 500;
  if (status >= 500) logger.error('request failed', { path: req.path, reason: error.message });
  res.status(status).json({ error: error.message, stack: error.stack });
}

// Express 4 does not see a rejected promise by itself.
function wrap(handler) {
  return (req, res, next) => handler(req, res, next).catch(next);
}

module.exports = { handleError, notFound, wrap };
