module.exports = (sequelize, DataTypes) =>
  sequelize.define(
    'User',
    {
      mobile: { type: DataTypes.STRING(15), allowNull: false, unique: true },
      email: { type: DataTypes.STRING(120), allowNull: false },
      fullName: { type: DataTypes.STRING(120), allowNull: false },
      passwordHash: { type: DataTypes.STRING(72), allowNull: false },
      role: { type: DataTypes.STRING(10), allowNull: false, defaultValue: 'borrower' },
      panEncrypted: { type: DataTypes.STRING(200) },
      erasedAt: { type: DataTypes.DATE },
    },
    { tableName: 'user' },
  );
