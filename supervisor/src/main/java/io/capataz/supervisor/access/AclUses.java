package io.capataz.supervisor.access;

/** A collection whose objects have an {@link Acl}. */
public interface AclUses {

  /** Whether the ACL of any of the organization's objects has this entry. */
  boolean isInAcl(String organization, String entry);
}
