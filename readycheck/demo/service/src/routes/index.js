const express = require('express');

const auditTrail = require('../middleware/auditTrail');
const { authenticate } = require('../middleware/authenticate');
const auth = require('./auth');
const health = require('./health');
const loans = require('./loans');
const notifications = require('./notifications');
const payments = require('./payments');
const reports = require('./reports');
const users = require('./users');

const api = express.Router();

api.use((req, res, next) => {
  res.set('Cache-Control', 'no-store');
  next();
});
api.use('/health', health);
api.use('/auth', auth);
api.use('/loans', authenticate, auditTrail, loans);
api.use('/payments', authenticate, auditTrail, payments);
api.use('/users', authenticate, auditTrail, users);
api.use('/reports', authenticate, auditTrail, reports);
api.use('/notifications', authenticate, auditTrail, notifications);

module.exports = api;
