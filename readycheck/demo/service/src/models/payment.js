module.exports = (sequelize, DataTypes) =>
  sequelize.define(
    'Payment',
    {
      loanId: { type: DataTypes.INTEGER, allowNull: false },
      amount: { type: DataTypes.DECIMAL(12, 2), allowNull: false },
      method: { type: DataTypes.STRING(20), allowNull: false },
      reference: { type: DataTypes.STRING(40), allowNull: false, unique: true },
      receivedAt: { type: DataTypes.DATE, allowNull: false },
    },
    { tableName: 'payments' },
  );
