// Answers 422 unless the body fits the schema; what the schema does not name is dropped.
module.exports = function validate(schema) {
  return (req, res, next) => {
    const { error, value } = schema.validate(req.body, { abortEarly: false, stripUnknown: true });
    if (error) return res.status(422).json({ error: error.details.map((detail) => detail.message) });
    req.body = value;
    return next();
  };
};
