"""Simulated RR sequences without any patient's data."""
import math, numpy as np, warnings
def sinus(rng,n):
    """RR of a sinus node in s"""
    base=math.log(math.exp(rng.uniform(math.log(.48),math.log(1.35))))
    white=math.exp(rng.uniform(math.log(.003),math.log(.035)))
    x=white*rng.standard_normal(n)
    resp=math.exp(rng.uniform(math.log(.003),math.log(.08)))
    if rng.random()<.12: resp=rng.uniform(.08,.22)
    ph=np.cumsum(2*math.pi/rng.uniform(2.5,9)*np.exp(.12*rng.standard_normal(n)))
    x+=resp*np.sin(ph)*np.exp(.3*np.convolve(rng.standard_normal(n),np.ones(20)/4.5,"same"))
    lf=math.exp(rng.uniform(math.log(.003),math.log(.06))); ph=np.cumsum(2*math.pi/rng.uniform(8,25)*np.exp(.2*rng.standard_normal(n))); x+=lf*np.sin(ph+rng.uniform(0,6))
    a=rng.uniform(.9,.995); w=rng.standard_normal(n); ar=np.empty(n); v=0.
    for i in range(n): v=a*v+w[i]; ar[i]=v
    x+=math.exp(rng.uniform(math.log(.005),math.log(.06)))*ar*math.sqrt(1-a*a)
    if rng.random()<.4:
        most=rng.uniform(.05,.3); tb=math.exp(rng.uniform(math.log(10),math.log(100))); i=0; now=rng.uniform(-most,most); fast=rng.random()<.25; ch=np.zeros(n)
        while i<n:
            j=i+1+int(rng.geometric(1/tb)); ch[i:j]=now; then=rng.uniform(-most,most); b=int(rng.integers(1,5) if fast else rng.integers(3,25)); m=np.linspace(now,then,b+1)[1:]; k=len(ch[j:j+b]); ch[j:j+b]=m[:k]; i=j+b; now=then
        x+=ch
    return np.clip(np.exp(base+x),.33,2.2)
def ectopy(rng,s):
    n=len(s); rr=s.copy(); e=np.zeros(n,bool); med=np.median(s)
    coupling=rng.uniform(.45,.9) if rng.random()<.8 else rng.uniform(.85,.98)
    pause=rng.uniform(.9,1.3) if rng.random()<.6 else rng.uniform(1.1,2.4)
    spread=math.exp(rng.uniform(math.log(.008),math.log(.12))); cspread=rng.uniform(.005,.05)
    fastc=math.exp(rng.uniform(math.log(.28),math.log(.62)))/med
    cyc=min(coupling*rng.uniform(.8,1.15),.95)
    longc=fastc if rng.random()<.85 else min(rng.uniform(.6,.93),.93)
    longc=min(longc,.93)
    kinds=["steady","sparse","regular","short","runs","long"]
    regs=list(rng.choice(6,size=int(rng.integers(1,4)),replace=False,p=[.2,.25,.2,.13,.15,.07]))
    if regs==[0]: regs=[1]
    par={}
    for r in regs:
        par[r]=dict(every=math.exp(rng.uniform(math.log(3),math.log(60))),k=int(rng.choice([1,2,3,4],p=[.5,.25,.15,.1])),sb=math.exp(rng.uniform(0,math.log(12))),rb=math.exp(rng.uniform(math.log(1.5),math.log(25))),dwell=math.exp(rng.uniform(math.log(15),math.log(200))))
    i=0
    def run(i,length,c,first=None):
        sl=slice(i,i+length); m=len(rr[sl]); f=np.full(m,c); f[:1]=first if first is not None else c
        sp=np.full(m,cspread); sp[:1]=spread
        loc=np.median(s[max(0,i-8):i+9])
        rr[sl]=loc*np.minimum(f*np.exp(sp*rng.standard_normal(m)),.97); e[sl]=True
        j=i+length
        if j<n: rr[j]=s[j]*max(pause*math.exp(.06*rng.standard_normal()),.85)
        return j+1
    while i<n:
        r=int(rng.choice(regs)); p=par[r]; end=i+max(5,int(rng.geometric(1/p["dwell"])))
        while i<min(end,n):
            if r==0: i=end
            elif r==1: i+=int(rng.geometric(1/p["every"])); i=run(i,1,coupling) if i<n else i
            elif r==2: i+=p["k"]-1; i=run(i,1,coupling) if i<n else i
            elif r==3: i+=int(rng.geometric(1/p["every"])); i=run(i,int(rng.integers(2,7)),cyc,coupling) if i<n else i
            elif r==4:
                i+=int(rng.geometric(1/p["sb"]))-1; L=int(rng.geometric(1/p["rb"])); i=run(i,L,longc if L>6 else cyc,coupling if L<=6 else max(longc,min(coupling,.95))) if i<n else i
            else: i+=int(rng.geometric(1/p["every"])); i=run(i,int(rng.geometric(1/120)),longc,coupling) if i<n else i
    return rr,e
def blocked(rng,s):
    n=len(s)
    if rng.random()<.25:  # pauses
        rr=s.copy(); c=math.exp(-rng.uniform(math.log(3),math.log(40))); m=rng.random(n)<c; rr[m]*=rng.uniform(1.3,3.,m.sum()); return rr,np.zeros(n,bool)
    pats=[1]+list(rng.choice([2,3,4,5,6,12],size=int(rng.integers(1,4)),replace=False,p=[.4,.2,.12,.1,.08,.1]))
    w=rng.uniform(0,.08) if rng.random()<.4 else 0.
    rr=[];dwell={int(p):math.exp(rng.uniform(math.log(3),math.log(60))) for p in pats}; cur=int(rng.choice(pats)); j=rng.uniform(.005,.04)
    while len(rr)<n:
        k=1+int(rng.geometric(1/dwell[cur]))
        while k>0 and len(rr)<n:
            b=s[len(rr)]
            if cur==1: rr.append(b); k-=1
            else:
                rr.append(b*rng.normal(1.98-2*w,j)); k-=1
                for c in range(cur-2): rr.append(b*(1-w*min(c+1,3))); k-=1
        cur=int(rng.choice([p for p in pats if p!=cur]))
    return np.array(rr[:n]),np.zeros(n,bool)
def flutter(rng,n):
    t=rng.uniform(.19,.29); ks=list(rng.choice([2,3,4,5,6],size=int(rng.integers(1,5)),replace=False,p=[.3,.15,.35,.1,.1]))
    stay=rng.uniform(0,.98); rr=[]; k=int(rng.choice(ks)); sp=rng.uniform(.005,.03)
    for _ in range(n):
        if rng.random()>stay: k=int(rng.choice(ks))
        rr.append(k*t*math.exp(sp*rng.standard_normal()))
    return np.array(rr)
def fib(rng,n):
    return np.maximum(rng.uniform(.42,1.1)*np.exp(rng.uniform(.1,.32)*rng.standard_normal(n)),.28)
def paroxysms(rng,s,a):
    rr=s.copy(); i=0; n=len(s); d1,d2=(math.exp(rng.uniform(math.log(15),math.log(200))) for _ in range(2)); inn=rng.random()<.5; af=np.zeros(n,bool)
    while i<n:
        j=i+int(rng.geometric(1/(d1 if inn else d2)))
        if inn: rr[i:j]=a[i:j]; af[i:j]=True
        i=j; inn=not inn
    return rr,af
def detection_noise(rng,rr,e,kd):
    p=math.exp(rng.uniform(math.log(.001),math.log(.03))); r2=[];e2=[];k2=[];carry=0.
    for a,b,c in zip(rr.tolist(),e.tolist(),kd.tolist()):
        if rng.random()<p: carry+=a; continue
        a+=carry;carry=0.
        if rng.random()<p*.5 and a>.5:
            q=rng.uniform(.3,.7); r2+=[a*q,a*(1-q)]; e2+=[False,b]; k2+=[c,c]
        else: r2.append(a);e2.append(b);k2.append(c)
    return np.array(r2),np.array(e2,bool),np.array(k2)
def patient(rng,n=400):
    s=sinus(rng,n); u=rng.random(); e=np.zeros(n,bool)
    if u<.2: rr=s; kd=np.zeros(n,int)
    elif u<.65: rr,e=ectopy(rng,s); kd=np.ones(n,int)
    elif u<.83: rr,e=blocked(rng,s); kd=np.full(n,2)
    elif u<.9: rr=fib(rng,n); kd=np.full(n,3)
    elif u<.94:
        b,e=ectopy(rng,s) if rng.random()<.3 else (s,e); rr,af=paroxysms(rng,b,fib(rng,n)); e=e&~af; kd=np.where(af,3,0)
    else:
        f=flutter(rng,n); rr,af=(f,np.ones(n,bool)) if rng.random()<.5 else paroxysms(rng,s,f); kd=np.where(af,4,0)
    if rng.random()<.3: rr,e,kd=detection_noise(rng,rr,e,kd)
    if rng.random()<.2: f=slice(0,int(rng.integers(1,4))); rr[f]*=np.exp(rng.uniform(-.7,.7,len(rr[f])))
    return np.maximum(rr,.2),e,kd
L=64
def normal(seq,b,a):
    ln=np.log(np.concatenate([seq,b[:,None],a[:,None]],1).astype(np.float64))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore"); med=np.nanmedian(ln[:,:65],1)
    med=np.where(np.isnan(med),np.log(.8),med)
    x=ln-med[:,None]; x=np.clip(np.where(np.isnan(x),0,x)/.3,-4,4)
    return np.stack([x,np.broadcast_to(np.clip((med-math.log(.8))/.3,-4,4)[:,None],x.shape)],2).astype(np.float32)
def samples_of(rr,e,kd,rng,take):
    n=len(rr)-1; i=rng.integers(0,n,take)
    short=rng.random(take)<.1; i=np.where(short,rng.integers(0,70,take),i)
    pad=np.concatenate([np.full(L,np.nan),rr]); seq=pad[i[:,None]+np.arange(L)[None,:]]
    return seq,rr[i],rr[i+1],e[i],kd[i]
