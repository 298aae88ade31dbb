/** SQL: whether an outbox row tells somebody something outside any conversation, and so answers nobody. */
export const isNotice = (row: string): string => `coalesce(${row}.effect_key like 'notice:%', false)`;
