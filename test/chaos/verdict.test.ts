import { expect, it } from 'vitest';
import { judge } from './verdict.js';

const line = { botId: 'b', phoneNumberId: '1' };
const ana = { from: '521', line, texts: ['521 1', '521 2', '521 3'] };
const answer = (n: number, outboxId: string) => ({ outboxId, to: '+521', text: `521 ${n}` });

it('finds a shop without fault clean', () => {
  expect(judge([ana], [answer(1, 'a'), answer(2, 'b'), answer(3, 'c')])).toEqual({
    sent: 3,
    answered: 3,
    lost: 0,
    answeredTwice: 0,
    outOfOrder: 0,
    providerDuplicates: 0,
  });
});

it('counts what was lost, answered twice, reordered and sent twice', () => {
  expect(judge([ana], [answer(1, 'a'), answer(3, 'c')])).toMatchObject({ lost: 1, answered: 2 });
  const twice = [answer(1, 'a'), answer(2, 'b'), answer(2, 'd'), answer(3, 'c')];
  expect(judge([ana], twice)).toMatchObject({ answeredTwice: 1, providerDuplicates: 0 });
  expect(judge([ana], [answer(2, 'b'), answer(1, 'a'), answer(3, 'c')])).toMatchObject({ outOfOrder: 1 });
  const repeated = [answer(1, 'a'), answer(1, 'a'), answer(2, 'b'), answer(3, 'c')];
  expect(judge([ana], repeated)).toMatchObject({ providerDuplicates: 1, answeredTwice: 0 });
});
