import { expect, it } from 'vitest';
import { subjectOf } from './route-subject.js';

it.each([
  ['/api/bots/:botId/connections/:id', { botId: 'b', id: 'c' }, { subjectType: 'connection', subjectId: 'c' }],
  ['/api/bots/:id/activate', { id: 'b' }, { subjectType: 'bot', subjectId: 'b' }],
  ['/api/product-categories/:id', { id: 'x' }, { subjectType: 'product_category', subjectId: 'x' }],
  ['/api/business/:id', { id: 'x' }, { subjectType: 'business', subjectId: 'x' }],
  ['/api/orders', {}, { subjectType: 'order', subjectId: null }],
  ['/send', {}, { subjectType: 'send', subjectId: null }],
  ['/', {}, { subjectType: '', subjectId: null }],
])('%s is about its last id, else about its first word', (path, params, subject) => {
  expect(subjectOf(path, params)).toEqual(subject);
});
