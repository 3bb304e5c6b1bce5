const { issueToken } = require('../src/middleware/authenticate');
const { User } = require('../src/models');

// A person in the database, and the header that proves who they are.
module.exports = async function person(role, mobile) {
  const user = await User.create({
    mobile,
    email: `${role}@example.com`,
    fullName: `Some ${role}`,
    passwordHash: 'none',
    role,
  });
  return { user, bearer: `Bearer ${issueToken(user)}` };
};
