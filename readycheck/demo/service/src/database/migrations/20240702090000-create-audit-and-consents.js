module.exports = {
  async up(queryInterface, types) {
    await queryInterface.createTable('audit_logs', {
      id: { type: types.INTEGER, primaryKey: true, autoIncrement: true },
      user_id: { type: types.INTEGER },
      method: { type: types.STRING(8), allowNull: false },
      path: { type: types.STRING(200), allowNull: false },
      status: { type: types.INTEGER, allowNull: false },
      ip: { type: types.STRING(45) },
      created_at: { type: types.DATE, allowNull: false },
    });
    await queryInterface.createTable('consents', {
      id: { type: types.INTEGER, primaryKey: true, autoIncrement: true },
      user_id: { type: types.INTEGER, allowNull: false, references: { model: 'user', key: 'id' } },
      purpose: { type: types.STRING(40), allowNull: false },
      version: { type: types.STRING(20), allowNull: false },
      given_at: { type: types.DATE, allowNull: false },
      withdrawn_at: { type: types.DATE },
      created_at: { type: types.DATE, allowNull: false },
      updated_at: { type: types.DATE, allowNull: false },
    });
  },

  async down(queryInterface) {
    await queryInterface.dropTable('consents');
    await queryInterface.dropTable('audit_logs');
  },
};
