const stamps = (types) => ({
  created_at: { type: types.DATE, allowNull: false },
  updated_at: { type: types.DATE, allowNull: false },
});
const id = (types) => ({ type: types.INTEGER, primaryKey: true, autoIncrement: true });
const loan = (types) => ({ type: types.INTEGER, allowNull: false, references: { model: 'loans', key: 'id' } });

module.exports = {
  async up(queryInterface, types) {
    await queryInterface.createTable('payments', {
      id: id(types),
      loan_id: loan(types),
      amount: { type: types.DECIMAL(12, 2), allowNull: false },
      method: { type: types.STRING(20), allowNull: false },
      reference: { type: types.STRING(40), allowNull: false, unique: true },
      received_at: { type: types.DATE, allowNull: false },
      ...stamps(types),
    });
    await queryInterface.createTable('repaymentTransactionsHistory', {
      id: id(types),
      loan_id: loan(types),
      due_date: { type: types.DATEONLY, allowNull: false },
      amount_due: { type: types.DECIMAL(12, 2), allowNull: false },
      amount_paid: { type: types.DECIMAL(12, 2), allowNull: false, defaultValue: 0 },
      status: { type: types.STRING(12), allowNull: false, defaultValue: 'due' },
      ...stamps(types),
    });
  },

  async down(queryInterface) {
    await queryInterface.dropTable('repaymentTransactionsHistory');
    await queryInterface.dropTable('payments');
  },
};
