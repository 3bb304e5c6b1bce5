const cron = require('node-cron');

const logger = require('../services/logger');
const { sendReminders } = require('../services/reminders');
const { purge } = require('./retention');

let tasks = [];

function guarded(name, work) {
  return () => work().catch((error) => logger.error('job failed', { name, reason: error.message }));
}

function start() {
  tasks = [
    cron.schedule('0 8 * * *', guarded('reminders', sendReminders)),
    cron.schedule('30 2 * * *', guarded('retention', purge)),
  ];
}

function stop() {
  tasks.forEach((task) => task.stop());
}

module.exports = { start, stop };
