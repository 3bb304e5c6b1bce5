const jwt = require('jsonwebtoken');

const SECRET = process.env.JWT_SECRET || 'minibusiness-loans';

function issueToken(user) {
  return jwt.sign({ sub: String(user.id), role: user.role }, SECRET, { algorithm: 'HS256', expiresIn: '15m' });
}

function authenticate(req, res, next) {
  const [scheme, token] = (req.get('authorization') || '').split(' ');
  try {
    if (scheme !== 'Bearer') throw new Error('no bearer token');
    req.user = jwt.verify(token, SECRET, { algorithms: ['HS256'] });
  } catch {
    res.set('WWW-Authenticate', 'Bearer');
    return res.status(401).json({ error: 'A valid token is required' });
  }
  return next();
}

function allow(...roles) {
  return (req, res, next) =>
    roles.includes(req.user.role) ? next() : res.status(403).json({ error: 'Not for your role' });
}

module.exports = { allow, authenticate, issueToken };
