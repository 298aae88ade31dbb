import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A name a contact is recognised by; unique in the tenant, so that two messages at once make one contact. */
@Entity('contact_identity')
export class ContactIdentity {
  @PrimaryColumn('uuid', { name: 'tenant_id' })
  tenantId!: string;

  /** From `identityKeys`. */
  @PrimaryColumn('text')
  value!: string;

  @Column('uuid', { name: 'contact_id' })
  contactId!: string;
}
