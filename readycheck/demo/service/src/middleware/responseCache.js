const { LRUCache } = require('lru-cache');

const cache = new LRUCache({ max: 500, ttl: 30 * 1000 });

// Keeps the JSON of a successful GET for half a minute, apart for each user.
module.exports = function responseCache(req, res, next) {
  const key = `${req.user.sub} ${req.originalUrl}`;
  const known = cache.get(key);
  if (known) return res.json(known);
  const send = res.json.bind(res);
  res.json = (body) => {
    if (res.statusCode === 200) cache.set(key, body);
    return send(body);
  };
  return next();
};
