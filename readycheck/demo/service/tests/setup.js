process.env.SESSION_SECRET_KEY = 'only-for-tests';
