const now = new Date();
const person = (id, mobile, fullName, role) => ({
  id,
  mobile,
  email: `${fullName.split(' ')[0].toLowerCase()}@example.com`,
  full_name: fullName,
  password_hash: 'none: seeded people cannot log in',
  role,
  created_at: now,
  updated_at: now,
});

module.exports = {
  async up(queryInterface) {
    await queryInterface.bulkInsert('user', [
      person(1, '+910000000001', 'Ada Officer', 'officer'),
      person(2, '+910000000002', 'Bo Baker', 'borrower'),
    ]);
    await queryInterface.bulkInsert('applicants', [
      {
        id: 1,
        user_id: 2,
        business_name: 'Bo bakes bread',
        business_type: 'food',
        monthly_turnover: 4200,
        status: 'submitted',
        created_at: now,
        updated_at: now,
      },
    ]);
  },

  async down(queryInterface) {
    await queryInterface.bulkDelete('applicants', { id: 1 });
    await queryInterface.bulkDelete('user', { id: [1, 2] });
  },
};
