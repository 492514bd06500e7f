package dev.espalier.storage;

class BtrfsStoreTest extends VolumeStoreContract {

    @Override
    TestDisk newDisk() {
        return TestDisk.btrfs(1024);
    }

    @Override
    VolumeStore open(Volumes volumes) {
        return new BtrfsStore(volumes);
    }
}
