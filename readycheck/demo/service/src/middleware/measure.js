const client = require('prom-client');

client.collectDefaultMetrics();

const duration = new client.Histogram({
  name: 'http_request_duration_seconds',
  help: 'Time from the request to the end of its answer',
  labelNames: ['method', 'route', 'code'],
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5],
});

module.exports = function measure(req, res, next) {
  const stop = duration.startTimer();
  res.on('finish', () => {
    const route = req.route ? req.baseUrl + req.route.path : 'unmatched';
    stop({ method: req.method, route, code: res.statusCode });
  });
  return next();
};
