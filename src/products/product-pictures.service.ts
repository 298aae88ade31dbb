import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { MediaService } from '../media/media.service.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import type { ProductImage } from './product.entity.js';
import { UnknownImageError } from './products.errors.js';

const FILE = /^media:(.+)$/;

export type ShownImage = { readonly url: string; readonly link: string };

/** Images of products that are files of the shop, written `media:` and the id as in flows. */
@Injectable()
export class ProductPictures {
  constructor(@Inject(MediaService) private readonly media: Pick<MediaService, 'linkTo' | 'picturesAmong'>) {}

  /** With what a browser opens; of a file that works for an hour, and answers 404 once the file is deleted. */
  shown(images: readonly ProductImage[]): ShownImage[] {
    return images.map(({ url }) => {
      const id = idOf(url);
      return { url, link: id === null ? url : this.media.linkTo(id) };
    });
  }

  /** @throws UnknownImageError a file that is not there, is no picture, or is another tenant's */
  async assertKnown(tx: EntityManager, tenantId: TenantId, images: readonly ProductImage[] = []): Promise<void> {
    const [missing] = await this.missing(tx, tenantId, images);
    if (missing !== undefined) throw new UnknownImageError(missing);
  }

  /** Those of the addresses that name no picture of the tenant. */
  async missing(tx: EntityManager, tenantId: TenantId, images: readonly ProductImage[]): Promise<string[]> {
    const ids = images.flatMap(({ url }) => idOf(url) ?? []);
    if (ids.length === 0) return [];
    const known = await this.media.picturesAmong(tx, tenantId, ids);
    return ids.filter((id) => !known.has(id)).map((id) => `media:${id}`);
  }
}

function idOf(url: string): string | null {
  return FILE.exec(url)?.[1] ?? null;
}
