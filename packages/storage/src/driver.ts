import mongoose from "mongoose";

/** mongoose's own driver: the only one in the house. */
export type Session = mongoose.mongo.ClientSession;
export type Document = mongoose.mongo.Document;
export type Collation = mongoose.mongo.CollationOptions;
export type Collection<T extends Document> = mongoose.mongo.Collection<T>;
export type Filter<T> = mongoose.mongo.Filter<T>;
export type Update<T> = mongoose.mongo.UpdateFilter<T> | Document[];
export type BulkOperation<T extends Document> = mongoose.mongo.AnyBulkWriteOperation<T>;
export type Sort = mongoose.mongo.Sort;
export type IndexOptions = mongoose.mongo.CreateIndexesOptions;
export const { Binary } = mongoose.mongo;
export type Binary = mongoose.mongo.Binary;
