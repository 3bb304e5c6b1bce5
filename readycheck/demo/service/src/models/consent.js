module.exports = (sequelize, DataTypes) =>
  sequelize.define(
    'Consent',
    {
      userId: { type: DataTypes.INTEGER, allowNull: false },
      purpose: { type: DataTypes.STRING(40), allowNull: false },
      version: { type: DataTypes.STRING(20), allowNull: false },
      givenAt: { type: DataTypes.DATE, allowNull: false },
      withdrawnAt: { type: DataTypes.DATE },
    },
    { tableName: 'consents' },
  );
