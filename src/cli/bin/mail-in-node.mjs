// Stands for `nodemailer` in the command: few commands send mail, and its text is as large as the rest. Read where it is installed when it is asked for.
const here = require
export const createTransport = (...options) => here('nodemailer').createTransport(...options)
