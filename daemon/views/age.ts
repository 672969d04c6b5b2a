export { ageText } from '../../controller/base/index.ts';
