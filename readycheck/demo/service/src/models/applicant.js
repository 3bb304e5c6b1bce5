module.exports = (sequelize, DataTypes) =>
  sequelize.define(
    'Applicant',
    {
      userId: { type: DataTypes.INTEGER, allowNull: false },
      businessName: { type: DataTypes.STRING(120), allowNull: false },
      businessType: { type: DataTypes.STRING(40), allowNull: false },
      monthlyTurnover: { type: DataTypes.DECIMAL(12, 2), allowNull: false },
      status: { type: DataTypes.STRING(12), allowNull: false, defaultValue: 'submitted' },
    },
    { tableName: 'applicants' },
  );
