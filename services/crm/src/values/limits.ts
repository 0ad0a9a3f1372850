/** Longest texts, in characters. */
export const MAX_NAME = 200;
export const MAX_TITLE = 200;
export const MAX_TEXT = 10_000;
export const MAX_URL = 2000;
/** RFC 3696 erratum 1690 says 254 for what SMTP carries; 320 is the sum of both parts' limits. */
export const MAX_EMAIL = 320;

/** What keeps documents bounded. */
export const MAX_CONTACTS_PER_LEAD = 200;
/** A merge keeps everybody, where two leads together have more than one alone may be given. */
export const MAX_CONTACTS_PER_MERGED_LEAD = 5000;
export const MAX_ADDRESSES_PER_CONTACT = 50;
export const MAX_CUSTOM_FIELDS = 500;
export const MAX_CHOICES = 1000;
export const MAX_CHOICE_LENGTH = 200;
export const MAX_LIST_VALUES = 100;
export const MAX_GROUP_MEMBERS = 1000;
