module.exports = {
  async up(queryInterface) {
    await queryInterface.removeColumn('user', 'pan');
  },
};
