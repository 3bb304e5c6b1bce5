const path = require('node:path');
const Sentry = require('@sentry/node');
const cors = require('cors');
const express = require('express');
const helmet = require('helmet');

const enforceHttps = require('./middleware/enforceHttps');
const measure = require('./middleware/measure');
const { apiLimiter } = require('./middleware/rateLimiter');
const staffSession = require('./middleware/staffSession');
const { notFound, handleError } = require('./middleware/errors');
const requestLog = require('./middleware/requestLog');
const api = require('./routes');
const docs = require('./routes/docs');
const metrics = require('./routes/metrics');
const pages = require('./routes/pages');

const app = express();

app.set('trust proxy', 1);
app.use(enforceHttps);
app.use('/static', express.static(path.join(__dirname, '..', 'public', 'static'), { maxAge: '1y', immutable: true }));

app.use(helmet());
app.use(cors({ origin: true, credentials: true }));
app.use(express.json({ limit: '100kb' }));
app.use(requestLog);
app.use(measure);

app.use('/metrics', metrics);
app.use('/api/v1', api);
app.use('/api', docs);
app.use(staffSession);
app.use('/', pages);

app.use(notFound);
Sentry.setupExpressErrorHandler(app);
app.use(handleError);

module.exports = app;
