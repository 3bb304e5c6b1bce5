const express = require('express');

const { wrap } = require('../middleware/errors');
const { sequelize } = require('../models');

const router = express.Router();

router.get(
  '/',
  wrap(async (req, res) => {
    const database = await sequelize.authenticate().then(
      () => 'up',
      () => 'down',
    );
    const up = database === 'up';
    res.status(up ? 200 : 503).json({ status: up ? 'ok' : 'unavailable', database });
  }),
);

module.exports = router;
