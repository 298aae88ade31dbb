import { AppError } from '../../platform/errors/app-error.js';

export class CategoryNotFoundError extends AppError {
  constructor(id: string) {
    super('category_not_found', 404, `There is no category ${id}`);
  }
}

export class UnknownCategoryError extends AppError {
  constructor(id: string, field = 'categoryId') {
    super('unknown_category', 422, `There is no category ${id}`, { field });
  }
}

export class CategoryNameTakenError extends AppError {
  constructor(name: string) {
    super('category_name_taken', 409, `There is another category ${name} beside it`, { field: 'name.es' });
  }
}

/** It would stand below the third level, or below itself. */
export class CategoryPlaceError extends AppError {
  constructor(message: string) {
    super('category_place', 422, message, { field: 'parentId' });
  }
}

export class CategoryInUseError extends AppError {
  constructor() {
    super('category_in_use', 409, 'It has products or other categories in it; move them first');
  }
}

export class CategoryLimitError extends AppError {
  constructor(max: number) {
    super('category_limit', 409, `There can be at most ${max} categories`);
  }
}
