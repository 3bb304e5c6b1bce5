module.exports = (sequelize, DataTypes) =>
  sequelize.define(
    'Repayment',
    {
      loanId: { type: DataTypes.INTEGER, allowNull: false },
      dueDate: { type: DataTypes.DATEONLY, allowNull: false },
      amountDue: { type: DataTypes.DECIMAL(12, 2), allowNull: false },
      amountPaid: { type: DataTypes.DECIMAL(12, 2), allowNull: false, defaultValue: 0 },
      status: { type: DataTypes.STRING(12), allowNull: false, defaultValue: 'due' },
    },
    { tableName: 'repaymentTransactionsHistory' },
  );
