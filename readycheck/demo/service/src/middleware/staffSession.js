const session = require('express-session');

module.exports = session({
  secret: process.env.SESSION_SECRET_KEY,
  resave: false,
  saveUninitialized: true,
  cookie: { httpOnly: true, maxAge: 8 * 60 * 60 * 1000 },
});
