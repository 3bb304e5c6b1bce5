module.exports = (sequelize, DataTypes) =>
  sequelize.define(
    'Loan',
    {
      applicantId: { type: DataTypes.INTEGER, allowNull: false },
      principal: { type: DataTypes.DECIMAL(12, 2), allowNull: false },
      annualRate: { type: DataTypes.DECIMAL(5, 2), allowNull: false },
      termMonths: { type: DataTypes.INTEGER, allowNull: false },
      status: { type: DataTypes.STRING(12), allowNull: false, defaultValue: 'applied' },
      disbursedAt: { type: DataTypes.DATE },
    },
    { tableName: 'loans' },
  );
