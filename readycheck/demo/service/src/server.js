require('dotenv').config();
require('./instrument');

const app = require('./app');
const config = require('./config');
const jobs = require('./jobs');
const logger = require('./services/logger');
const { sequelize } = require('./models');

const server = app.listen(config.port, () => {
  logger.info('listening', { port: config.port, environment: config.environment });
  jobs.start();
});

process.on('SIGTERM', () => {
  logger.info('stopping');
  jobs.stop();
  server.close(() => sequelize.close());
});
