const { DataTypes, Sequelize } = require('sequelize');

const { environment } = require('../config');
const settings = require('../config/database')[environment];

const sequelize = new Sequelize({ ...settings, define: { underscored: true } });

const User = require('./user')(sequelize, DataTypes);
const Applicant = require('./applicant')(sequelize, DataTypes);
const Loan = require('./loan')(sequelize, DataTypes);
const Payment = require('./payment')(sequelize, DataTypes);
const Repayment = require('./repaymentTransactionsHistory')(sequelize, DataTypes);
const Consent = require('./consent')(sequelize, DataTypes);
const AuditLog = require('./auditLog')(sequelize, DataTypes);

User.hasMany(Applicant);
Applicant.belongsTo(User);
User.hasMany(Consent);
Consent.belongsTo(User);
Applicant.hasMany(Loan);
Loan.belongsTo(Applicant);
Loan.hasMany(Payment);
Payment.belongsTo(Loan);
Loan.hasMany(Repayment);
Repayment.belongsTo(Loan);

module.exports = { sequelize, User, Applicant, Loan, Payment, Repayment, Consent, AuditLog };
