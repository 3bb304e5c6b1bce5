const indexes = [
  { table: 'user', name: 'idx_user_mobile', fields: ['mobile'] },
  { table: 'applicants', name: 'idx_applicant_status', fields: ['created_at'] },
  { table: 'applicants', name: 'idx_applicant_user', fields: ['user_id'] },
  { table: 'loans', name: 'idx_loan_applicant', fields: ['applicant_id'] },
  { table: 'consents', name: 'idx_consent_user', fields: ['user_id'] },
  { table: 'repaymentTransactionsHistory', name: 'idx_repayment_loan', fields: ['loan_id'] },
];

module.exports = {
  async up(queryInterface) {
    for (const { table, name, fields } of indexes) {
      await queryInterface.addIndex(table, { name, fields });
    }
  },

  async down(queryInterface) {
    for (const { table, name } of indexes) {
      await queryInterface.removeIndex(table, name);
    }
  },
};
