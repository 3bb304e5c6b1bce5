const stamps = (types) => ({
  created_at: { type: types.DATE, allowNull: false },
  updated_at: { type: types.DATE, allowNull: false },
});
const id = (types) => ({ type: types.INTEGER, primaryKey: true, autoIncrement: true });
const reference = (types, table) => ({
  type: types.INTEGER,
  allowNull: false,
  references: { model: table, key: 'id' },
});

module.exports = {
  async up(queryInterface, types) {
    await queryInterface.createTable('user', {
      id: id(types),
      mobile: { type: types.STRING(15), allowNull: false, unique: true },
      email: { type: types.STRING(120), allowNull: false },
      full_name: { type: types.STRING(120), allowNull: false },
      password_hash: { type: types.STRING(72), allowNull: false },
      role: { type: types.STRING(10), allowNull: false, defaultValue: 'borrower' },
      pan: { type: types.STRING(10) },
      pan_encrypted: { type: types.STRING(200) },
      erased_at: { type: types.DATE },
      ...stamps(types),
    });
    await queryInterface.createTable('applicants', {
      id: id(types),
      user_id: reference(types, 'user'),
      business_name: { type: types.STRING(120), allowNull: false },
      business_type: { type: types.STRING(40), allowNull: false },
      monthly_turnover: { type: types.DECIMAL(12, 2), allowNull: false },
      status: { type: types.STRING(12), allowNull: false, defaultValue: 'submitted' },
      ...stamps(types),
    });
    await queryInterface.createTable('loans', {
      id: id(types),
      applicant_id: reference(types, 'applicants'),
      principal: { type: types.DECIMAL(12, 2), allowNull: false },
      annual_rate: { type: types.DECIMAL(5, 2), allowNull: false },
      term_months: { type: types.INTEGER, allowNull: false },
      status: { type: types.STRING(12), allowNull: false, defaultValue: 'applied' },
      disbursed_at: { type: types.DATE },
      ...stamps(types),
    });
  },

  async down(queryInterface) {
    await queryInterface.dropTable('loans');
    await queryInterface.dropTable('applicants');
    await queryInterface.dropTable('user');
  },
};
