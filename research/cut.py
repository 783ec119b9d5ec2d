from multiprocessing import Pool
from pathlib import Path
import time
from converter.catalogue import Catalogue
from converter.cutting import CutCache, cut_record
from converter.protocols import PROTOCOLS
from converter.settings import DEFAULTS
base=DEFAULTS["resecanet-aami5"]; protocol=PROTOCOLS[base.protocol]
cat=Catalogue(); ds=cat.resolve((),protocol.datasets); cache=CutCache(cat.directory/"beats")
cache.directory.mkdir(parents=True,exist_ok=True)
jobs=[(d,r,c) for d in ds.values() for r in d.records if r.annotated for c in protocol.channels if c<len(r.signals)]
def one(j):
    d,r,c=j
    p=cache.path(f"{d.name} {r.digest}",c,protocol.peaks,base.normalisation)
    if cache.read(p) is None:
        cache.write(p,cut_record(Path(d.folder),r.name,c,peaks=protocol.peaks,normalisation=base.normalisation,origin=d.name))
if __name__=="__main__":
    t=time.time()
    with Pool(2) as pool:
        for _ in pool.imap_unordered(one,jobs): pass
    print(len(jobs),time.time()-t)
