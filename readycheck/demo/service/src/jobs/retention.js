const { Op } = require('sequelize');

const logger = require('../services/logger');
const { Applicant, AuditLog, User } = require('../models');

const DAY = 24 * 60 * 60 * 1000;
const daysAgo = (days) => new Date(Date.now() - days * DAY);

// The periods are those of docs/data-retention.md.
async function purge() {
  const rejected = await Applicant.destroy({ where: { status: 'rejected', updatedAt: { [Op.lt]: daysAgo(365) } } });
  const entries = await AuditLog.destroy({ where: { createdAt: { [Op.lt]: daysAgo(8 * 365) } } });
  const [erased] = await User.update(
    { panEncrypted: null, email: 'erased', fullName: 'erased' },
    { where: { erasedAt: { [Op.lt]: daysAgo(30) } } },
  );
  logger.info('retention', { rejected, entries, erased });
}

module.exports = { purge };
