package dev.espalier.storage;

class CloningTreeStoreOnBtrfsTest extends VolumeStoreContract {

    @Override
    TestDisk newDisk() {
        return TestDisk.btrfs(1024);
    }

    @Override
    VolumeStore open(Volumes volumes) {
        return TreeStore.cloning(volumes);
    }
}
